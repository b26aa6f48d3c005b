/** What a client asks for, and what is asked for in addition so that its answer can be watched. */
@NullMarked
package io.edistream.gateway.request;

import org.jspecify.annotations.NullMarked;
