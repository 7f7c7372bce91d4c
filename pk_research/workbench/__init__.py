"""Running the house: preparing it, its notebooks, its servers, and saying what is missing."""

from pk_research.workbench.datasets import (
    check,
    find_dataset,
    load_basics,
    read_file,
    register_dataset,
)
from pk_research.workbench.doctor import Check, examine
from pk_research.workbench.forms import (
    ImportReport,
    export_submissions,
    import_submissions,
    publish_form,
    publish_questionnaires,
)
from pk_research.workbench.notebooks import NotebookRun, curated_notebooks, run_notebooks
from pk_research.workbench.records import circumstances
from pk_research.workbench.reproduce import Reproduction, reproduce
from pk_research.workbench.servers import Server, apps_server, lab_server, running_apps, serve
from pk_research.workbench.show import shown

__all__ = [
    "Check",
    "ImportReport",
    "NotebookRun",
    "Reproduction",
    "Server",
    "apps_server",
    "check",
    "circumstances",
    "curated_notebooks",
    "examine",
    "export_submissions",
    "find_dataset",
    "import_submissions",
    "lab_server",
    "load_basics",
    "publish_form",
    "publish_questionnaires",
    "read_file",
    "register_dataset",
    "reproduce",
    "run_notebooks",
    "running_apps",
    "serve",
    "shown",
]
