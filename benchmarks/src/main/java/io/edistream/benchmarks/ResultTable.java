package io.edistream.benchmarks;

import java.io.PrintWriter;
import java.util.List;

/** Prints results as Markdown. */
final class ResultTable {

    private ResultTable() {}

    static void print(String title, List<Row> rows, PrintWriter out) {
        out.println();
        out.println("### " + title);
        out.println();
        out.println("| measure | value | target | met | spread |");
        out.println("|---|---|---|---|---|");
        rows.forEach(row -> out.println(row.markdown()));
        out.flush();
    }
}
