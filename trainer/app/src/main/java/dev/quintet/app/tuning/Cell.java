package dev.quintet.app.tuning;

/// What a method came to on a task: means over its seeds.
///
/// @param score on the test part
/// @param seeds how many trainings it is of
/// @param trained elements that train
/// @param parameters elements of the model
/// @param peakBytes the most bytes in use at one time, of all seeds
/// @param checkpointBytes of a checkpoint
/// @param modelBytes of what is shipped
/// @param stepSeconds of a step
/// @param steps of a training
public record Cell(
    Score score,
    int seeds,
    long trained,
    long parameters,
    long peakBytes,
    long checkpointBytes,
    long modelBytes,
    double stepSeconds,
    double steps) {}
