"""``python -m pk_research.apps.shell``: see `pk_research.apps.serve`."""

from pk_research.apps.shell import main

main()
