/// What a tensor is made of before it has any numbers: its [Shape], its element type [DType] and
/// the [Device] whose memory holds it. Start at [Shape]. Memory itself is elsewhere: see
/// `dev.quintet.core.backend`.
@NullMarked
package dev.quintet.core.shape;

import org.jspecify.annotations.NullMarked;
