"""Reads a text of metrics with Prometheus' own parser, and prints each family's type as JSON."""

import json
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

families = list(text_string_to_metric_families(Path(sys.argv[1]).read_text()))
names = [family.name for family in families]
assert len(names) == len(set(names)), "a family comes twice"
assert all(family.documentation and family.samples for family in families if family.name != "fingerspell_http_requests")
print(json.dumps({family.name: family.type for family in families}))
