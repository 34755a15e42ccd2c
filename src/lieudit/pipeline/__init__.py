"""The order of the rooms, and nothing more: files in, files out.

One module a command, imported by name so that a command pays only for what it uses: ``enrich``, ``rfm``, ``train``,
``score``, ``runs``, ``triggers``.
"""
