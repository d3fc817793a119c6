/// What tests of the CUDA backend need where there is no GPU. Start at [StandIn].
@NullMarked
package dev.quintet.kernels.testing;

import org.jspecify.annotations.NullMarked;
