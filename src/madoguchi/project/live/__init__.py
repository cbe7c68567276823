"""Live screens: what happened is told to everybody connected who may see it, within a moment.

It tells that something happened, to whom and where; what it was a screen asks the pages for, which decide anew.
"""
