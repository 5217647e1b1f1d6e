"""Joining a component's modules gives the module that the separate files are, or says why it cannot."""

from pathlib import Path

import pytest

from cnnviz.web.assets import AssetError, join_modules, read_css


@pytest.fixture
def component(tmp_path):
    """Writes modules given as `{"pad/index.js": text}` and returns the folder `pad`."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "pad"

    return write


ENTRY = 'import {double} from "./math.js";\nexport default function mount() { return double(4); }\n'
MATH = "const TWO = 2;\nexport function double(x) { return TWO * x; }\n"


def test_what_is_imported_comes_first_and_loses_its_export(component):
    joined = join_modules(component({"pad/index.js": ENTRY, "pad/math.js": MATH}))
    assert joined.index("function double") < joined.index("function mount")
    assert "import" not in joined
    assert joined.count("export") == 1
    assert "export default function mount" in joined


def test_a_module_imported_twice_is_there_once(component):
    files = {
        "pad/index.js": 'import {a} from "./a.js";\n' + ENTRY,
        "pad/a.js": "import {double} from './math.js';\nexport const a = double(1);\n",
        "pad/math.js": MATH,
    }
    joined = join_modules(component(files))
    assert joined.count("function double") == 1
    assert joined.index("function double") < joined.index("const a")


def test_the_shared_folder_and_imports_over_several_lines_are_followed(component):
    files = {
        "pad/index.js": 'import {\n  node,\n  leaf,\n} from "../shared/dom.js";\nexport default function go() {}\n',
        "shared/dom.js": "export const node = 1;\nexport class leaf {}\n",
    }
    joined = join_modules(component(files))
    assert joined.startswith("const node = 1;\nclass leaf {}\n")


def test_an_entry_of_pure_functions_keeps_its_named_exports(component):
    assert join_modules(component({"pad/math.js": MATH}), "math.js") == MATH


def test_further_names_are_joined_though_nothing_imports_them(component):
    files = {"pad/index.js": "export default function go() {}\n", "pad/math.js": MATH}
    assert "function double" in join_modules(component(files), "index.js", "math.js")


def test_words_in_comments_strings_templates_and_regular_expressions_do_not_count(component):
    tricky = (
        "/* \nimport x from 'y'\n*/\nconst text = `\nexport default 1\nexport const kept = 1\nimport(${1})`;\n"
        "const quote = /['\"`]/g; // don't\nexport function same(a) {\n"
        "const nested = a / 2 / 3;\nreturn nested;\n}\n"
    )
    files = {"pad/index.js": ENTRY + "const nested = 1;\nconst late = '// no comment';\n", "pad/math.js": MATH + tricky}
    assert "\nexport default 1\nexport const kept = 1\n" in join_modules(component(files))


def test_the_name_of_a_parameter_or_an_inner_constant_is_no_clash(component):
    inner = "export function double(x) {\n  const TWO = 2;\n  return TWO * x;\n}\n"
    files = {"pad/index.js": ENTRY + "const TWO = 3;\n", "pad/math.js": inner}
    assert "const TWO = 3" in join_modules(component(files))


@pytest.mark.parametrize("clash", ["const TWO = 3;", "let a = 1, TWO = 2;", "function TWO() {}", "class TWO {}"])
def test_a_name_in_two_modules_is_one_clear_error(component, clash):
    folder = component({"pad/index.js": ENTRY + clash + "\n", "pad/math.js": MATH})
    with pytest.raises(AssetError, match=r"`TWO` is declared in both pad/math\.js and pad/index\.js: rename"):
        join_modules(folder)


def test_a_missing_module_names_the_importer(component):
    with pytest.raises(AssetError, match=r"no such module: pad/math\.js \(imported by pad/index\.js\)"):
        join_modules(component({"pad/index.js": ENTRY}))


def test_a_name_that_is_not_exported_is_refused(component):
    folder = component({"pad/index.js": ENTRY, "pad/math.js": MATH.replace("export ", "")})
    with pytest.raises(AssetError, match=r"pad/index\.js imports double from pad/math\.js, which does not export it"):
        join_modules(folder)


def test_a_circle_is_refused(component):
    folder = component({"pad/index.js": ENTRY, "pad/math.js": 'import {go} from "./index.js";\n' + MATH})
    with pytest.raises(AssetError, match=r"in a circle: pad/index\.js → pad/math\.js → pad/index\.js"):
        join_modules(folder)


@pytest.mark.parametrize(
    "form",
    [
        'import math from "./math.js";',
        'import * as math from "./math.js";',
        'import {double as twice} from "./math.js";',
        'import "./math.js";',
        'import {scale} from "d3";',
        'const later = import("./math.js");',
        'export * from "./math.js";',
        'export {double} from "./math.js";',
        "const a = 1;\nexport {a};",
        "export const {a, b} = {a: 1, b: 2};",
        "const [a, b] = [1, 2];",
        "export default 5;",
        "export default () => 5;",
    ],
)
def test_other_forms_are_refused_with_their_line(component, form):
    folder = component({"pad/index.js": form + "\nconst ok = 1;\n", "pad/math.js": MATH})
    with pytest.raises(AssetError, match=r"unsupported form in pad/index\.js: `") as raised:
        join_modules(folder)
    assert form.splitlines()[-1] in str(raised.value)


def test_only_the_entry_may_have_a_default_export(component):
    folder = component({"pad/index.js": ENTRY, "pad/math.js": MATH + "export default function no() {}\n"})
    with pytest.raises(AssetError, match=r"unsupported form in pad/math\.js: `export default function no\(\) \{\}`"):
        join_modules(folder)


def test_css_is_read_as_it_is_and_meets_contrast_themes(component):
    folder = component({"pad/style.css": ".pad { color: red }\n"})
    css = read_css(folder)
    assert css.startswith(".pad { color: red }\n")
    assert "@media (forced-colors: active)" in css
