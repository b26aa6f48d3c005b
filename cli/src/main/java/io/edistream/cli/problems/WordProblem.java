package io.edistream.cli.problems;

/**
 * An arithmetic word problem.
 *
 * @param prompt the problem in words, ending with its question
 * @param answer the right answer, at least 1
 * @param level name of its level of difficulty
 * @param steps operations that lead to the answer
 */
public record WordProblem(String prompt, int answer, String level, int steps) {}
