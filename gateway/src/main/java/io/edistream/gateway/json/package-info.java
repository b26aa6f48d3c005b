/** JSON as bytes: where its members stand, and changes that leave every other byte as it was. */
@NullMarked
package io.edistream.gateway.json;

import org.jspecify.annotations.NullMarked;
