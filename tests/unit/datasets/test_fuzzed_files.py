"""A few random and damaged files; `tests/fuzz/fuzz_idx.py` tries many more."""

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz import fuzz_idx as fuzz


@fuzz.many(30)
@given(fuzz.files, fuzz.seeds)
def test_idx_file_is_read_as_by_an_independent_parser_or_refused(content: bytes, seed: int):
    for variant in fuzz.variants(content, seed):
        fuzz.check_file(variant)


@fuzz.many(30)
@given(fuzz.of_pairs, st.sampled_from([(), (2, 2)]), st.integers(1, 30), fuzz.seeds)
def test_idx_file_is_accepted_while_it_arrives_if_it_is_what_the_source_describes(
    content: bytes, shape: tuple[int, ...], chunk: int, seed: int
):
    for variant in fuzz.variants(content, seed):
        fuzz.check_passing(variant, shape, None if shape else fuzz.CLASSES, chunk)


@fuzz.many(30)
@given(fuzz.gzips, st.integers(1, 2000), fuzz.seeds)
def test_gzip_stream_is_read_as_by_python_or_refused(content: bytes, chunk: int, seed: int):
    for variant in fuzz.variants(content, seed):
        fuzz.check_gzip(variant, chunk)


@fuzz.many(50)
@given(fuzz.gzips.filter(lambda content: content.startswith(fuzz.GZIP_MAGIC)))
def test_gzip_stream_is_accepted_if_the_program_gzip_accepts_it(content: bytes):
    fuzz.check_program(content)


@fuzz.many(50)
@given(fuzz.sources())
def test_source_that_is_downloaded_can_be_prepared(mirror: dict[str, bytes]):
    fuzz.check_source(mirror)


@fuzz.many(50)
@given(fuzz.sources())
def test_folder_is_loaded_as_by_an_independent_parser_or_refused(content: dict[str, bytes]):
    fuzz.check_folder(content)
