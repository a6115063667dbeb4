#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The words of the screens: every key is there in Chinese, Tibetan and English with the same places for arguments, every key that the
sources ask for by name exists and is given as many arguments as it has places, and no key is there that nobody asks for.
usage: strings_agree.py SOURCE_FOLDER"""
import json
import os
import re
import sys

LANGUAGES = ("zh", "bo", "en")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
CALL = re.compile(r"\b(tr|tr1|tr2)\(")
ARGUMENTS = {"tr": 0, "tr1": 1, "tr2": 2}


def files(folder, *endings):
    for at, _, names in sorted(os.walk(folder)):
        yield from (os.path.join(at, name) for name in sorted(names) if name.endswith(endings))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def first_argument(text, start):
    """What stands between the parenthesis at start and the comma or parenthesis that ends the first argument."""
    depth, at, quoted = 0, start, False
    while at < len(text):
        c = text[at]
        if quoted:
            at += c == "\\"
            quoted = c != '"'
        elif c == '"':
            quoted = True
        elif c == "(":
            depth += 1
        elif c == ")" or (c == "," and depth == 1):
            if depth == 1:
                return text[start + 1 : at]
            depth -= 1
        at += 1
    return ""


def places(text):
    return sorted(set(re.findall(r"\{\d\}", text)))


def languages_agree(words, complain):
    for key in sorted(set().union(*words.values())):
        missing = [language for language in LANGUAGES if not words[language].get(key, "").strip()]
        if missing:
            complain(f'"{key}" has no words in {", ".join(missing)}')
            continue
        wanted = places(words["zh"][key])
        for language in LANGUAGES:
            found = places(words[language][key])
            if found != wanted:
                complain(f'"{key}" has the places {found} in {language}, {wanted} in zh')


def calls_agree(path, text, zh, complain):
    for call in CALL.finditer(text):
        line = text.count("\n", 0, call.start()) + 1
        argument = first_argument(text, call.end() - 1)
        if re.search(r"\?.*:", argument, re.S):  # a choice between keys: what stands before it is no key
            argument = argument[argument.index("?") :]
        for key in LITERAL.findall(argument):
            if key not in zh:
                complain(f'{path}:{line}: "{key}" is in no language')
            elif len(places(zh[key])) != ARGUMENTS[call.group(1)]:
                complain(f'{path}:{line}: {call.group(1)}("{key}"), but "{zh[key]}" has {len(places(zh[key]))} places')


def main():
    source = sys.argv[1]
    complaints = []
    words = {language: json.loads(read(f"{source}/resources/strings/{language}.json")) for language in LANGUAGES}
    languages_agree(words, complaints.append)
    literals = set()
    for room in ("app", "middleware", "platform"):
        for path in files(f"{source}/{room}", ".c", ".h"):
            text = read(path)
            literals.update(LITERAL.findall(text))
            if not path.endswith("ui/strings.h") and not path.endswith("ui/widget.h"):  # examples in comments
                calls_agree(os.path.relpath(path, source), text, words["zh"], complaints.append)
    for path in files(f"{source}/resources/web", ".html", ".js"):
        literals.update(re.findall(r"[\"'`>]([a-z0-9_.]+)[\"'`<]", read(path)))
    for key in sorted(set(words["zh"]) - literals):
        complaints.append(f'"{key}" is asked for nowhere')
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"{len(words['zh'])} keys in {len(LANGUAGES)} languages, {len(complaints)} complaints")
    if not words["zh"]:
        sys.exit("no words at all")
    sys.exit(1 if complaints else 0)


main()
