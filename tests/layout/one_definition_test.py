"""A type with a name for the linker is defined in one file (basic.def.odr): of two, a program takes the functions of either."""

import collections
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("config", "health", "server", "zones", "tests")
PROGRAMS_OF_THEIR_OWN = "tests/bench/", "tests/fuzz/"  # linked with the libraries, and not with each other
NOT_CODE = re.compile(r'R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"|//[^\n]*' r"|'(?:\\.|[^'\\\n])'")
NAMESPACE = re.compile(r"\bnamespace(?:\s+([\w:]+))?\s*$")
TYPE = re.compile(r"\b(?:struct|class|enum(?:\s+class)?|union)\s+(?:alignas\([^)]*\)\s*)?([\w:]+)(?:\s+final)?(?:\s*:[^:].*)?\s*$",
                  re.DOTALL)


def types(text):
    """The full names of the types that `text` defines in named namespaces, without those within functions and types."""
    inside, head = [], ""  # a namespace's name, "" for an unnamed one, None for what is none
    for token in re.findall(r"[{};]|[^{};]+", NOT_CODE.sub(" ", text)):
        if token == "{":
            namespace, type_ = NAMESPACE.search(head), TYPE.search(head)
            if type_ and all(inside):
                yield "::".join([*inside, type_[1]])
            inside.append((namespace[1] or "") if namespace else None)
        elif token == "}" and inside:
            inside.pop()
        head = token if token not in "{};" else ""


def test_a_type_is_defined_in_one_file():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS],
                            cwd=ROOT, check=True, capture_output=True, text=True)
    files = collections.defaultdict(list)
    for name in listed.stdout.split():
        if name.endswith((".h", ".cpp")) and (ROOT / name).exists():
            for type_ in types((ROOT / name).read_text()):
                files[type_].append(name)
    assert len(files) > 500
    assert {type_: where for type_, where in files.items()
            if len(where) > 1 and not all(name.startswith(PROGRAMS_OF_THEIR_OWN) for name in where)} == {}


def test_sees_types():
    assert list(types('namespace a::b {\nstruct C final : D<int> {\n int e = 1;\n};\nenum class F : char { g };\n}')) == \
        ["a::b::C", "a::b::F"]
    assert list(types("class alignas(64) A {\n class B {};\n};")) == ["A"]
    assert not list(types('namespace a { namespace { struct B {}; }\nvoid c() { struct D {}; }\nstruct E; // struct F {\n}'))
