"""`python -m ecda_stream`."""

from ecda_stream.cli import main

main()
