"""The research workbench of Pabrik Kampoeng.

Import the chapter you need and call its functions::

    from pk_research import register, sources, quality, clusters

Importing the package itself loads nothing else.
"""

__version__ = "0.1.0"
