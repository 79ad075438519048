// Prints a YAML file as npm's `yaml` (YAML 1.2) reads it, as JSON.
import { readFileSync } from "node:fs";
import { parse } from "yaml";

console.log(JSON.stringify(parse(readFileSync(process.argv[2], "utf8"))));
