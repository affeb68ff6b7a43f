#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: crate.py FOLDER [--bad]

Holds the RO-Crate in FOLDER against what the specification 1.1 says of the parts that it has, by a
JSON-LD processor (PyLD) and the files that lie there.  --bad: damages it in every way that a check
is for, in memory, and says which damage was not seen.

The rules, by their place in https://w3id.org/ro/crate/1.1: structure, root-data-entity,
data-entities, contextual-entities, provenance, appendix/jsonld.
"""
import copy
import datetime
import json
import os
import re
import sys
import urllib.parse

from pyld import jsonld

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
DESCRIPTOR = "ro-crate-metadata.json"
# What the context says of the terms that our crates may use.  Terms that are not here do not
# survive the way through the processor, and the crate then differs from what came back.
TERMS = {t: "http://schema.org/" + t for t in """
    CreateAction CreativeWork Dataset Organization Person ScholarlyArticle SoftwareApplication
    about affiliation agent author citation contentSize datePublished description
    encodingFormat endTime hasPart identifier instrument isBasedOn license mentions name object
    publisher result softwareRequirements startTime url version""".split()}
TERMS["File"] = "http://schema.org/MediaObject"
TERMS["conformsTo"] = "http://purl.org/dc/terms/conformsTo"


class Wrong(Exception):
    pass


def must(condition, why):
    if not condition:
        raise Wrong(why)


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def load_context(url, _options):
    must(url == CONTEXT, "the context is %s" % url)
    # relative references stay as they are
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url,
            "document": {"@context": dict(TERMS, **{"@base": None})}}


def read(folder):
    def once(pairs):
        must(len(dict(pairs)) == len(pairs), "a key appears twice")
        return dict(pairs)

    with open(os.path.join(folder, DESCRIPTOR), "rb") as f:
        return json.loads(f.read().decode("utf-8"), object_pairs_hook=once)


def is_type(entity, name):
    return name in listed(entity.get("@type"))


class Crate:
    def __init__(self, folder, document):
        self.folder = folder
        self.document = document
        must(document.get("@context") == CONTEXT, "the context is not the one of RO-Crate 1.1, by reference")
        self.graph = document["@graph"]
        must(isinstance(self.graph, list), "@graph is no array")
        ids = [e.get("@id") for e in self.graph]
        must(all(isinstance(i, str) and i for i in ids), "an entity has no @id")
        must(len(set(ids)) == len(ids), "two entities have the same @id")
        must(all(listed(e.get("@type")) for e in self.graph), "an entity has no @type")
        self.entity = dict(zip(ids, self.graph))

    def of(self, entity, key, *types):
        """The entities that a property refers to; each described and of one of the types."""
        found = []
        for value in listed(entity.get(key)):
            must(isinstance(value, dict) and set(value) == {"@id"},
                 "%s of %s is no reference" % (key, entity["@id"]))
            e = self.entity.get(value["@id"])
            must(e is not None, "%s of %s refers to nothing: %s" % (key, entity["@id"], value["@id"]))
            must(not types or any(is_type(e, t) for t in types),
                 "%s of %s is no %s" % (key, entity["@id"], " or ".join(types)))
            found.append(e)
        return found

    def path(self, entity):
        return os.path.join(self.folder, urllib.parse.unquote(entity["@id"]))


def is_address(text):
    return re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\s<>\"{}|\\^`]*)?", text) is not None


def is_date(text):
    """ISO 8601 to the day at least."""
    try:
        must(isinstance(text, str) and len(text) >= 10, "")
        datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return True
    except (ValueError, Wrong):
        return False


def is_said(entity, key):
    return isinstance(entity.get(key), str) and entity[key].strip() != ""


# ---- structure, appendix/jsonld ----

def check_form(c):
    """Valid JSON-LD, flattened and compacted: what the processor makes of it is the same again."""
    options = {"documentLoader": load_context}
    back = jsonld.flatten(c.document, CONTEXT, options)
    again = {e["@id"]: e for e in back["@graph"]}
    for i, e in c.entity.items():
        must(all(t in TERMS for t in listed(e["@type"])), "a @type of %s is no term of the context" % i)
        must(i in again, "%s does not survive a JSON-LD processor" % i)
        for key in set(e) | set(again[i]):
            must(key in e and key in again[i], "%s of %s is no term of the context" % (key, i))
            # the order of values says nothing
            one, two = (sorted(json.dumps(v, sort_keys=True) for v in listed(x[key])) for x in (e, again[i]))
            must(one == two, "%s of %s is not flattened: %s, %s" % (key, i, one, two))
            must(not isinstance(e[key], list) or len(e[key]) > 1,
                 "%s of %s is an array of one: not compacted" % (key, i))
    must(len(again) == len(c.entity), "the processor makes other entities")


def check_ids(c):
    for i in c.entity:
        if ":" in i.split("/")[0]:
            must(is_address(i), "the @id %s is no address" % i)
            continue
        must(re.search(r"[\s<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})", i) is None, "the @id %s is not escaped" % i)
        must(not i.startswith("/") and ".." not in i.split("/"), "the @id %s leaves the crate" % i)


def check_references(c):
    """What is referred to is described, and what is described is referred to."""
    seen = {DESCRIPTOR}
    for e in c.graph:
        for key, value in e.items():
            for v in listed(value):
                if isinstance(v, dict) and not (e["@id"] == DESCRIPTOR and key == "conformsTo"):
                    seen.update(x["@id"] for x in c.of(e, key))
    for i in c.entity:
        must(i in seen, "nothing refers to %s" % i)


# ---- root-data-entity ----

def check_descriptor(c):
    d = c.entity.get(DESCRIPTOR)
    must(d is not None, "there is no descriptor")
    must(d["@type"] == "CreativeWork", "the descriptor is no CreativeWork")
    must(d.get("conformsTo") == {"@id": "https://w3id.org/ro/crate/1.1"}, "it conforms to something else")
    must([e["@id"] for e in c.of(d, "about", "Dataset")] == ["./"], "the descriptor is not about ./")


def check_root(c):
    root = c.entity["./"]
    must(is_said(root, "name"), "the root has no name")
    must(is_said(root, "description"), "the root has no description")
    must(is_date(root.get("datePublished")), "the root has no datePublished to the day")
    must(root.get("license") is not None, "the root has no license")
    if isinstance(root["license"], str):
        must(root["license"].strip() != "", "the license says nothing")
        return
    for e in c.of(root, "license", "CreativeWork"):
        must(is_address(e["@id"]), "the license has no address")
        must(is_said(e, "name") and is_said(e, "description"), "the license has no name or no description")


# ---- data-entities ----

def check_data(c):
    below, parts = ["./"], set()
    while below:
        for e in c.of(c.entity[below.pop()], "hasPart", "File", "Dataset"):
            if e["@id"] not in parts:
                parts.add(e["@id"])
                below.append(e["@id"])
    for e in c.graph:
        if e["@id"] == "./" or not (is_type(e, "File") or is_type(e, "Dataset")):
            continue
        i = e["@id"]
        must(i in parts, "%s is no part of the root" % i)
        must(is_said(e, "name"), "%s has no name" % i)
        if is_type(e, "Dataset"):
            must(i.endswith("/") and os.path.isdir(c.path(e)), "%s is no folder" % i)
            continue
        must(os.path.isfile(c.path(e)) and not os.path.islink(c.path(e)), "%s is no file" % i)
        must(e.get("contentSize") == str(os.path.getsize(c.path(e))), "%s has another size" % i)
        must(re.fullmatch(r"[a-z]+/[A-Za-z0-9.+-]+", e.get("encodingFormat", "")), "%s has no media type" % i)


def check_whole(c):
    """Not of the specification, but what we promise: every file is told of, itself or by its folder."""
    told = [os.path.normpath(c.path(e)) for e in c.graph
            if e["@id"] != "./" and (is_type(e, "File") or is_type(e, "Dataset"))]
    for at, _folders, files in os.walk(c.folder):
        for name in files:
            path = os.path.normpath(os.path.join(at, name))
            must(name == DESCRIPTOR or any(path == t or path.startswith(t + os.sep) for t in told),
                 "the crate does not tell of %s" % path)


# ---- contextual-entities, provenance ----

def is_orcid(text):
    digits = re.fullmatch(r"https://orcid\.org/(\d{4})-(\d{4})-(\d{4})-(\d{3}[\dX])", text)
    if digits is None:
        return False
    total = 0
    for d in "".join(digits.groups())[:15]:
        total = (total + int(d)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == text[-1]


def check_people(c):
    root = c.entity["./"]
    people = c.of(root, "author", "Person", "Organization")
    if people:
        # an Organization where one is known
        known = any("affiliation" in e for e in people)
        must(c.of(root, "publisher", "Organization", *([] if known else ["Person"])), "nobody publishes it")
    for e in c.graph:
        if is_type(e, "Person") or is_type(e, "Organization"):
            must(is_said(e, "name"), "%s has no name" % e["@id"])
        if is_type(e, "Person"):
            must(e["@id"].startswith("#") or is_orcid(e["@id"]), "%s is no ORCID" % e["@id"])
            c.of(e, "affiliation", "Organization")


def check_paper(c):
    for e in c.of(c.entity["./"], "citation"):
        must(is_address(e["@id"]), "the citation has no address")
    for e in c.graph:
        if is_type(e, "ScholarlyArticle"):
            must(is_said(e, "name"), "the paper has no name")
            c.of(e, "author", "Person", "Organization")
            c.of(e, "publisher", "Organization")


def check_actions(c):
    named = bool(c.of(c.entity["./"], "author"))
    actions = [e for e in c.graph if is_type(e, "CreateAction")]
    must(actions, "no action tells where the data is from")
    for e in actions:
        must(is_said(e, "name"), "%s has no name" % e["@id"])
        for s in c.of(e, "instrument", "SoftwareApplication"):
            must(is_said(s, "version"), "%s has no version" % s["@id"])
        must(c.of(e, "instrument") and c.of(e, "object", "File", "Dataset") and c.of(e, "result", "File", "Dataset"),
             "%s lacks instrument, object or result" % e["@id"])
        must(bool(c.of(e, "agent", "Person", "Organization")) == named, "%s has no agent" % e["@id"])
        for key in ("startTime", "endTime"):
            must(key not in e or is_date(e[key]), "%s of %s is no date" % (key, e["@id"]))
    for e in c.graph:
        if is_type(e, "SoftwareApplication"):
            must(is_said(e, "name"), "%s has no name" % e["@id"])


CHECKS = [check_ids, check_references, check_descriptor, check_root, check_data, check_whole,
          check_people, check_paper, check_actions, check_form]


def check(folder, document):
    c = Crate(folder, document)
    for one in CHECKS:
        one(c)
    return c


# ---- bad examples ----

def damages():
    """What is wrong, and how it is made in a document whose entities are found by their @id."""
    def drop(i, key):
        return lambda e, g: e[i].pop(key)

    def put(i, key, value):
        return lambda e, g: e[i].__setitem__(key, value)

    yield "no context", lambda e, g: g.clear()
    yield "no descriptor", lambda e, g: g.remove(e[DESCRIPTOR])
    yield "descriptor of another type", put(DESCRIPTOR, "@type", "File")
    yield "descriptor about something else", put(DESCRIPTOR, "about", {"@id": "run.db"})
    yield "another specification", put(DESCRIPTOR, "conformsTo", {"@id": "https://example.org/"})
    yield "no root", lambda e, g: g.remove(e["./"])
    yield "root of another type", put("./", "@type", "CreativeWork")
    for key in ("name", "description", "datePublished", "license", "publisher", "hasPart"):
        yield "root without " + key, drop("./", key)
    yield "a year is no date", put("./", "datePublished", "2026")
    yield "a date that is none", put("./", "datePublished", "2026-13-01")
    yield "licence by text of nothing", put("./", "license", " ")
    yield "licence that is not described", put("./", "license", {"@id": "https://example.org/licence"})
    yield "licence without a description", drop("https://spdx.org/licenses/CC-BY-4.0", "description")
    yield "an @id twice", lambda e, g: g.append(dict(e["run.db"]))
    yield "no @id", drop("run.db", "@id")
    yield "no @type", drop("run.db", "@type")
    yield "file that is not there", lambda e, g: (g.append(dict(e["run.db"], **{"@id": "no.db"})),
                                                  e["./"]["hasPart"].append({"@id": "no.db"}))
    yield "file outside", lambda e, g: (g.append(dict(e["run.db"], **{"@id": "../bagit.txt"})),
                                        e["./"]["hasPart"].append({"@id": "../bagit.txt"}))
    yield "file of another size", put("run.db", "contentSize", "1")
    yield "size as a number", lambda e, g: e["run.db"].__setitem__("contentSize", int(e["run.db"]["contentSize"]))
    yield "no media type", drop("run.db", "encodingFormat")
    yield "part that nobody has", lambda e, g: e["./"]["hasPart"].remove({"@id": "run.db"})
    yield "folder as a file", put("raw/", "@type", "File")
    yield "file as a folder", put("plan.xml", "@type", "Dataset")
    yield "file not told of", lambda e, g: (g.remove(e["redactions.csv"]),
                                            e["./"]["hasPart"].remove({"@id": "redactions.csv"}))
    yield "@id with a blank", lambda e, g: (g.append({"@id": "#a b", "@type": "Person", "name": "x"}),
                                            put("#run", "agent", {"@id": "#a b"})(e, g))
    yield "term that is none", put("run.db", "frobnicates", "yes")
    yield "type that is none", put("run.db", "@type", ["File", "Frobnicator"])
    yield "nested entity", put("#run", "agent", {"@id": "#x", "name": "nested"})
    yield "reference as text", put("#run", "object", "plan.xml")
    yield "reference to nothing", put("#run", "object", {"@id": "#nothing"})
    yield "entity that nothing refers to", lambda e, g: g.append({"@id": "#alone", "@type": "Person", "name": "x"})
    yield "array of one", put("#run", "instrument", [{"@id": "#restudy"}])
    yield "key in another case", lambda e, g: e["run.db"].__setitem__("Name", e["run.db"].pop("name"))
    yield "person without a name", drop("https://orcid.org/0000-0002-1825-0097", "name")
    yield "ORCID with a wrong digit", lambda e, g: [
        x.__setitem__("@id", "https://orcid.org/0000-0002-1825-0098")
        for x in [e["https://orcid.org/0000-0002-1825-0097"], e["./"]["author"]]
        + [a["agent"] for a in g if "agent" in a]]
    yield "person as publisher beside an institution", put("./", "publisher",
                                                           {"@id": "https://orcid.org/0000-0002-1825-0097"})
    yield "affiliation as text", put("https://orcid.org/0000-0002-1825-0097", "affiliation", "A university")
    yield "no action", lambda e, g: [g.remove(a) for a in list(g) if a["@type"] == "CreateAction"]
    for key in ("name", "instrument", "object", "result", "agent"):
        yield "action without " + key, drop("#run", key)
    yield "action that ends some day", put("#run", "endTime", "yesterday")
    yield "software without a version", drop("#restudy", "version")


def try_damages(folder, document):
    missed = 0
    n = 0
    for name, damage in damages():
        bad = copy.deepcopy(document)
        entities = {e["@id"]: e for e in bad["@graph"]}
        if name == "no context":
            del bad["@context"]
        else:
            damage(entities, bad["@graph"])
        n += 1
        try:
            check(folder, bad)
            print("not seen: " + name)
            missed += 1
        except Wrong:
            pass
    must(missed == 0, "%d damages were not seen" % missed)
    print("%d damages, all seen" % n)


def main():
    folder = sys.argv[1]
    try:
        document = read(folder)
        c = check(folder, document)
        if "--bad" in sys.argv:
            try_damages(folder, document)
        print("crate: %d entities, %d of them files" % (len(c.graph), sum(is_type(e, "File") for e in c.graph)))
    except Wrong as e:
        sys.exit("%s/%s: %s" % (folder, DESCRIPTOR, e))


main()
