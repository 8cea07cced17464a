"""What `make test` reads of transformers is what the real library says, and the same versions write the same bytes."""

from peers.make_transformers import TO, contents


def test_the_file_is_what_the_library_says():
    assert TO.read_text(encoding="utf-8") == contents()
