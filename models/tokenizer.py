"""Writes `tokenizer.json` in the format of Hugging Face tokenizers: the same splitting as `problems.tokenise`."""
from problems import SPECIAL_TOKENS, TOKEN_IDS, UNKNOWN


def tokenizer_description():
    added = [dict(id=TOKEN_IDS[token], content=token, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
             for token in SPECIAL_TOKENS]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "WhitespaceSplit"},
                {"type": "Punctuation", "behavior": "Isolated"},
                {"type": "Digits", "individual_digits": True},
            ],
        },
        "post_processor": None,
        # Joins words by blanks, closes up punctuation, then writes the digits of a number together.
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "WordPiece", "prefix": "##", "cleanup": True},
                {"type": "Fuse"},
                {"type": "Replace", "pattern": {"Regex": "(?<=[0-9]) (?=[0-9])"}, "content": ""},
            ],
        },
        "model": {"type": "WordLevel", "vocab": TOKEN_IDS, "unk_token": UNKNOWN},
    }
