"""The rule that finds the token classes from the tokens alone; README.md says it in words for other languages."""
from problems import COLUMN, OTHER, PLACES, RESULT

COLUMN_WORK_ENDS = ("together", "gives", ".")


def token_classes(tokens):
    """The class of each token of a chain: RESULT and COLUMN for digits, OTHER for all else."""
    classes, in_columns, last_word = [], False, None
    for token in tokens:
        if token.isdigit():
            is_result = last_word == "together" or (last_word == "=" and not in_columns)
            classes.append(RESULT if is_result else COLUMN if in_columns else OTHER)
            continue
        if token in PLACES:
            in_columns = True
        elif token in COLUMN_WORK_ENDS:
            in_columns = False
        last_word = token
        classes.append(OTHER)
    return classes
