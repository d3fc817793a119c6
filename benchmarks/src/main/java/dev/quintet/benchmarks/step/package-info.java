/// Benchmarks of whole training steps and of decoding. Start at [T5StepBenchmark]; the step itself, as the training
/// loop takes it, is [TrainingStep]. Single kernels are one package up.
@NullMarked
package dev.quintet.benchmarks.step;

import org.jspecify.annotations.NullMarked;
