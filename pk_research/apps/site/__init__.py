"""The findings as a static site: pages that any web server sends to any number of readers.

`gather` computes every exhibit, `write_site` writes the pages; nothing on them asks a kernel.
"""

from pk_research.apps.site.content import Content, Grid, gather
from pk_research.apps.site.publish import Site, publish_site, write_site

__all__ = ["Content", "Grid", "Site", "gather", "publish_site", "write_site"]
