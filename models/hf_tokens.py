"""Token ids of texts in which only a template can name special tokens."""
import json
import re

from tokenizers import Tokenizer


class SegmentTokenizer:
    """`description` is the JSON of a tokenizer.json.

    Two tokenizers of it: the whole one, and one without special tokens, for which their names are text like any other."""

    def __init__(self, description):
        self.whole = Tokenizer.from_str(json.dumps(description))
        plain = {**description, "added_tokens": [token for token in description["added_tokens"] if not token["special"]], "post_processor": None}
        self.plain = Tokenizer.from_str(json.dumps(plain))
        self.specials = {token["content"]: token["id"] for token in description["added_tokens"] if token["special"]}
        names = sorted(map(re.escape, self.specials), key=len, reverse=True)
        self.named = re.compile(f"({'|'.join(names)})") if names else re.compile("(?!)")

    def ids(self, parts):
        """Ids of (text, whether it may name special tokens)."""
        ids, text = [], ""
        for part, is_template in parts:
            for piece in self.named.split(part) if is_template else [part]:
                if is_template and piece in self.specials:
                    ids += self.plain_ids(text) + [self.specials[piece]]
                    text = ""
                else:
                    text += piece
        return ids + self.plain_ids(text)

    def plain_ids(self, text):
        return self.plain.encode(text, add_special_tokens=False).ids if text else []

    def ids_of_text(self, text):
        """Ids of a text that may name special tokens anywhere."""
        return self.whole.encode(text, add_special_tokens=False).ids

    def begin_ids(self):
        """What the tokenizer puts before every text."""
        with_specials, bare = self.whole.encode("x").ids, self.ids_of_text("x")
        if with_specials[len(with_specials) - len(bare):] == bare:
            return with_specials[:len(with_specials) - len(bare)]
        return with_specials[:with_specials.index(bare[0])] if bare and bare[0] in with_specials else []
