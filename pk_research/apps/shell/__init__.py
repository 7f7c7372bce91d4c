"""The Voila server for the apps: readable pages at once, live ones as soon as a kernel is ready.

Stock Voila shows a spinner until the kernel has run the notebook and the browser has loaded a
copy of JupyterLab. Here every app's page begins with its findings as plain HTML, written before
any kernel is asked; the widgets replace it when they are ready. Nothing is loaded from other
servers. Run it with ``python -m pk_research.apps.shell FOLDER``.
"""

from pk_research.apps.shell.server import AppsServer, main

__all__ = ["AppsServer", "main"]
