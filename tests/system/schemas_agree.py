#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON schemas and the playout's own validation say the same of the demo's documents, and of each of them with one thing
wrong: another type, nothing, too much, too little, a member that is missing.
usage: schemas_agree.py SOURCE_FOLDER BUILD_FOLDER"""
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed; skipped")
    sys.exit(77)

SCHEMAS = [
    (r"channel\.json", "channel"),
    (r"commerce/categories\.json", "categories"),
    (r"commerce/merchants\.json", "merchants"),
    (r"commerce/catalogue/.*\.json", "catalogue"),
    (r"credit/.*\.json", "credit-list"),
    (r"community/directory\.json", "directory"),
    (r"community/pages/.*\.json", "page"),
]

# What no schema of one document can know: what other documents hold, what stands beside it, sums.
BEYOND = [
    r"expected (the |an? )?(id|category|section|merchant|picture|icon)\b",
    r"expected an id of its own",
    r"expected different",
    r"expected other transport streams",
    r"expected .* too, found none",
    r"expected the role's documents",
    r"\bis used by nothing\b",
    r"a PID of its own|PID",
    r"No such file",
]

TEXT = "x" * 70000
WRONG = {
    dict: [None, 7, "x", [], {}],
    list: [None, 7, "x", {}],
    str: [None, 7, [], "", TEXT],
    bool: [None, "x", 7],
    int: [None, "7", 1.5, True, -1, 2**40],
}


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def make_validators(folder):
    schemas = {name[: -len(".schema.json")]: load(os.path.join(folder, name)) for name in os.listdir(folder)}
    store = {schema["$id"]: schema for schema in schemas.values()}
    validators = {}
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
        validators[name] = jsonschema.Draft202012Validator(schema, resolver=resolver)
    return validators


def schema_of(path):
    for pattern, name in SCHEMAS:
        if re.fullmatch(pattern, path):
            return name
    return None


def places(value, path=()):
    """Each member and element, with its way there; of an array's elements those with other members than the ones before."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield path + (key,), inner
        yield from places(inner, path + (key,))


def put(document, path, value, remove=False):
    changed = copy.deepcopy(document)
    at = changed
    for key in path[:-1]:
        at = at[key]
    if remove:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return changed


def variants(document, seen, name):
    for path, value in places(document):
        shape = (name,) + tuple("*" if isinstance(key, int) else key for key in path)
        if shape in seen:
            continue
        seen.add(shape)
        for wrong in WRONG.get(type(value), []):
            yield path, "is %.20s" % json.dumps(wrong), put(document, path, wrong)
        if isinstance(path[-1], str):
            yield path, "is missing", put(document, path, None, remove=True)


def is_absence(what, validator, document, place):
    """The playout takes null for a member that may be absent, as common.schema.json says."""
    return what == "is null" and isinstance(place[-1], str) and validator.is_valid(put(document, place, None, remove=True))


class Folder:
    """A content folder like the demo's, in which one document at a time is another."""

    def __init__(self, playout, demo, folder):
        self.playout, self.folder = playout, folder
        shutil.copytree(demo, folder, dirs_exist_ok=True, ignore=lambda _, names: [n for n in names if n == "clip.ts"])
        os.symlink(os.path.join(demo, "clip.ts"), os.path.join(folder, "clip.ts"))

    def mistakes(self, path, document):
        """What the playout refuses of the folder with document in the place of path."""
        whole = os.path.join(self.folder, path)
        with open(whole, "rb") as file:
            before = file.read()
        with open(whole, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)
        done = subprocess.run([self.playout, "check", self.folder], capture_output=True, text=True, check=False)
        with open(whole, "wb") as file:
            file.write(before)
        if done.returncode not in (0, 1):
            sys.exit("%s: the playout ended with %d\n%s" % (path, done.returncode, done.stderr))
        return [line for line in done.stderr.splitlines() if " error " in line] if done.returncode else []


def main():
    source, build = sys.argv[1:]
    validators = make_validators(os.path.join(source, "resources/schemas"))
    demo = os.path.join(build, "demo/content")
    documents = {}
    for folder, _, names in os.walk(demo):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), demo)
            if schema_of(path):
                documents[path] = load(os.path.join(demo, path))
    complaints, tried, refused, beyond = [], 0, 0, 0
    for path, document in documents.items():
        for error in validators[schema_of(path)].iter_errors(document):
            complaints.append("%s: the demo's own: %s" % (path, error.message))
    with tempfile.TemporaryDirectory(prefix="kokonor-schemas-") as work:
        content = Folder(os.path.join(build, "bin/kokonor-playout"), demo, work)
        seen = set()
        for path in sorted(documents):
            if content.mistakes(path, documents[path]):
                complaints.append("%s: the playout refuses the demo's own" % path)
            for place, what, changed in variants(documents[path], seen, schema_of(path)):
                tried += 1
                mistakes = content.mistakes(path, changed)
                known = [line for line in mistakes if path in line and not any(re.search(word, line) for word in BEYOND)]
                valid = validators[schema_of(path)].is_valid(changed)
                refused += bool(mistakes)
                beyond += bool(mistakes) and not known
                where = "%s: %s %s" % (path, "/".join(map(str, place)), what)
                if known and valid:
                    complaints.append("%s: the schema takes what the playout refuses: %.200s" % (where, known[0]))
                elif not valid and not mistakes and not is_absence(what, validators[schema_of(path)], documents[path], place):
                    complaints.append("%s: the playout takes what the schema refuses" % where)
    print("%d documents, %d changes, %d refused, %d of them beyond a schema" % (len(documents), tried, refused, beyond))
    print("\n".join(complaints))
    return 1 if complaints or refused < 100 else 0


sys.exit(main())
