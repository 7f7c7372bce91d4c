"""``python -m pk_research`` is the ``pk`` command."""

from pk_research.cli import main

main()
