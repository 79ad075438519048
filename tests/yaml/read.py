"""Prints a YAML file as PyYAML (YAML 1.1) reads it, as JSON."""
import json
import sys

import yaml

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    print(json.dumps(yaml.safe_load(file.read()), default=repr))
