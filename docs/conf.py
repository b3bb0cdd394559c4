"""How the manual is built."""

import sys
from pathlib import Path

import simclf

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "simclf"
author = "simclf developers"
copyright = f"2026, {author}"
version = release = simclf.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "losses_table",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
default_role = "code"
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}

# Every page of the reference is made from a module's __all__: a name that is not
# public cannot slip in, and a public one cannot be forgotten.
autosummary_generate = True
autosummary_imported_members = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"
numpydoc_show_class_members = False

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "write_computation_times": False,
    "show_memory": False,
    "remove_config_comments": True,
}

html_theme = "pydata_sphinx_theme"
html_title = "simclf"
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
}
