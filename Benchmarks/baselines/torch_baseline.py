"""The network in PyTorch. Usage: torch_baseline.py eager|compile|ddp THREADS ROWS  (of ddp, THREADS is the number of processes)

nn.LSTM, whose loop is native code, has no recurrent dropout: the 0.2 on the first LSTM's state is left out, and its input
has one mask per sample instead of one per gate. So PyTorch does less here than the others.
"""

import os
import sys

import baseline

channel = baseline.answers() if __name__ == "__main__" else None

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(28, 64, 3, padding=1)
        self.lstm = nn.LSTM(64, 64, batch_first=True)
        self.lstm_1 = nn.LSTM(64, 64, batch_first=True)
        self.dense = nn.Linear(64, 64)
        self.dense_1 = nn.Linear(64, 25)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 1:
                nn.init.zeros_(parameter)
            elif "weight_hh" in name:
                nn.init.orthogonal_(parameter)
            else:
                nn.init.xavier_uniform_(parameter)
        for layer in (self.lstm, self.lstm_1):
            layer.bias_ih_l0.data[64:128] = 1  # the forget gate's
            layer.bias_hh_l0.requires_grad_(False)  # nn.LSTM has two biases where Keras has one

    def held(self, x):
        """Dropout with one mask per sample for all time steps."""
        return x * F.dropout(x.new_ones(x.shape[0], 1, x.shape[2]), 0.3, self.training)

    def forward(self, images):
        x = F.relu(self.convolution(images.transpose(1, 2)))
        x = F.dropout(F.max_pool1d(x, 2).transpose(1, 2), 0.3, self.training)
        x, _ = self.lstm(self.held(x))
        x, _ = self.lstm_1(self.held(x))
        x = F.dropout(F.relu(self.dense(x[:, -1])), 0.3, self.training)
        return self.dense_1(x)


class Training:
    """One process's part: the rows first, first + step, first + 2 step ... of every batch"""

    def __init__(self, path, wrap=lambda model: model, first=0, step=1):
        torch.manual_seed(1)
        images, labels = baseline.load(path)
        self.images, self.labels = torch.from_numpy(images), torch.from_numpy(labels)
        model = Network()
        assert sum(p.numel() for p in model.parameters() if p.requires_grad) == 77273
        self.model = wrap(model)
        self.optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), eps=1e-7, fused=True)
        self.generator = torch.Generator().manual_seed(1)
        self.first, self.step = first, step

    def epoch(self):
        self.model.train()
        order = torch.randperm(len(self.labels), generator=self.generator)
        total = torch.zeros(())
        for rows in order.split(baseline.BATCH):
            mine = rows[self.first :: self.step]
            loss = F.cross_entropy(self.model(self.images[mine]), self.labels[mine])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            total += loss.detach() * len(mine)
        return total.item() * self.step / len(self.labels)


def ddp_rank(rank, processes, path, commands, losses):
    """A process of DistributedDataParallel: one epoch per command."""
    from torch import distributed

    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=os.environ["BASELINE_PORT"])
    distributed.init_process_group("gloo", rank=rank, world_size=processes)
    training = Training(path, nn.parallel.DistributedDataParallel, rank, processes)
    while commands[rank].get():
        losses.put(training.epoch())
    distributed.destroy_process_group()


def main(mode, threads, path):
    note = f"PyTorch {torch.__version__}"
    if mode == "ddp":
        import socket

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            os.environ["BASELINE_PORT"] = str(probe.getsockname()[1])
        context = torch.multiprocessing.get_context("spawn")
        commands, losses = [context.SimpleQueue() for _ in range(threads)], context.SimpleQueue()
        ranks = torch.multiprocessing.spawn(
            ddp_rank, (threads, path, commands, losses), threads, join=False)

        def epoch():
            for queue in commands:
                queue.put(True)
            return sum(losses.get() for _ in range(threads)) / threads

        baseline.serve(channel, epoch, note)
        for queue in commands:
            queue.put(False)
        ranks.join()
        return
    torch.set_num_threads(threads)
    training = Training(path, torch.compile if mode == "compile" else lambda model: model)
    baseline.serve(channel, training.epoch, note)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
