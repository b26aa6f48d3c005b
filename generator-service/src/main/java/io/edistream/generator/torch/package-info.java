/** Models as TorchScript modules and tokenizers, on DJL; the one package that knows DJL. */
@NullMarked
package io.edistream.generator.torch;

import org.jspecify.annotations.NullMarked;
