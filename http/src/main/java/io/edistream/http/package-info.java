/** Where a process shows its metrics and its health. */
@NullMarked
package io.edistream.http;

import org.jspecify.annotations.NullMarked;
