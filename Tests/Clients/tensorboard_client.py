"""Reads the event files of run folders as TensorBoard does, and prints what it finds as JSON.

Usage: tensorboard_client.py LOGDIR
"""

import base64
import io
import json
import sys
from pathlib import Path

from PIL import Image
from tensorboard.context import RequestContext
from tensorboard.backend.event_processing import data_provider, event_file_loader, plugin_event_multiplexer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import backend_context, list_session_groups
from tensorboard.plugins.hparams import api_pb2


def events(folder):
    """The scalars and images of one folder, as EventAccumulator gives them: all of them, in the file's order."""
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    images = {}
    for tag in tags["images"]:
        for event in accumulator.Images(tag):
            with Image.open(io.BytesIO(event.encoded_image_string)) as image:
                image.load()
                assert image.size == (event.width, event.height), (image.size, event)
                pixels = base64.b64encode(image.tobytes()).decode()
            images.setdefault(tag, []).append([event.step, event.width, event.height, pixels])
    return {
        "scalars": {tag: [[event.step, event.value] for event in accumulator.Scalars(tag)] for tag in tags["scalars"]},
        "images": images,
        "plugins": sorted(tags["tensors"]),
    }


def records(folder):
    """How many records the file has for TensorBoard's reader, which checks the checksums, and the version it begins with."""
    (path,) = Path(folder).glob("*tfevents*")
    found = list(event_file_loader.EventFileLoader(str(path)).Load())
    return {"count": len(found), "version": found[0].file_version, "times": [event.wall_time for event in found]}


def sessions(logdir):
    """What the HPARAMS tab shows: the sessions with their hyperparameters and metrics."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(logdir))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(logdir))
    context = backend_context.Context(base_plugin.TBContext(data_provider=provider, logdir=str(logdir)))
    request_context = RequestContext()
    experiment = context.experiment_from_metadata(
        request_context, "", True, context.hparams_metadata(request_context, ""),
        context.hparams_from_data_provider(request_context, "", limit=1000), 1000)  # fmt: skip
    request = api_pb2.ListSessionGroupsRequest(
        start_index=0, slice_size=100, allowed_statuses=[api_pb2.STATUS_SUCCESS, api_pb2.STATUS_UNKNOWN],
        col_params=[api_pb2.ColParams(metric=metric.name) for metric in experiment.metric_infos])  # fmt: skip
    response = list_session_groups.Handler(request_context, context, "", request).run()
    found = {}
    for group in response.session_groups:
        for session in group.sessions:
            values = {}
            for name, value in group.hparams.items():
                values[name] = getattr(value, value.WhichOneof("kind"))
            found[session.name or group.name] = {
                "hparams": values,
                "status": api_pb2.Status.Name(session.status),
                "metrics": {f"{m.name.group}/{m.name.tag}": [m.training_step, m.value] for m in session.metric_values},
            }
    return found


def main():
    logdir = Path(sys.argv[1])
    folders = sorted({path.parent for path in logdir.glob("**/*tfevents*")})
    result = {str(folder.relative_to(logdir)): events(folder) | records(folder) for folder in folders}
    print(json.dumps({"folders": result, "sessions": sessions(logdir)}))


main()
