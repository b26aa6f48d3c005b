package io.edistream.jobs.types;

/** Symbols of the contract's enumerations as numbers. */
public final class Symbols {

    private Symbols() {}

    /** The position of a symbol, which is stable: the contract only ever appends symbols. */
    @SuppressWarnings("EnumOrdinal")
    public static int position(Enum<?> symbol) {
        return symbol.ordinal();
    }
}
