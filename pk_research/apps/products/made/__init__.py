"""Made candidates and needs, shown until there are submissions; every view says that they are made."""
