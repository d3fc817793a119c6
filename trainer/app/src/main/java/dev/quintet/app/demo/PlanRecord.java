package dev.quintet.app.demo;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What is trained and how many steps were planned when: `plan.json`, written before each plan acts.
final class PlanRecord {
  private static final String FILE = "plan.json";

  private final DemoFolder folder;
  private final int width;
  private final int timed;
  private final long guess;
  private final List<Plan> plans;

  /// One plan.
  ///
  /// @param from the step at which it begins to act
  /// @param steps of the naming task in all
  /// @param cost of a step, as it was measured
  record Plan(long from, long steps, StepCost cost) {}

  private PlanRecord(DemoFolder folder, int width, int timed, long guess, List<Plan> plans) {
    this.folder = folder;
    this.width = width;
    this.timed = timed;
    this.guess = guess;
    this.plans = new ArrayList<>(plans);
  }

  /// The record in the folder; a new one if there is none.
  static PlanRecord in(DemoFolder folder, DemoArguments arguments) {
    Optional<JsonObject> written = folder.json(FILE);
    if (written.isPresent()) {
      return read(folder, written.get());
    }
    PlanRecord record;
    if (arguments.steps().isPresent()) {
      long steps = arguments.steps().getAsLong();
      record =
          new PlanRecord(
              folder, DemoRecipe.LARGER, 0, steps, List.of(new Plan(0, steps, new StepCost(0, 0))));
    } else {
      double minutes = arguments.minutes();
      record =
          new PlanRecord(
              folder,
              DemoRecipe.width(minutes),
              (int) Math.clamp(DemoRecipe.TIMED_PER_MINUTE * minutes, 60, 600),
              (long) Math.max(100, DemoRecipe.STEPS_PER_MINUTE * minutes),
              List.of());
    }
    record.write();
    return record;
  }

  private static PlanRecord read(DemoFolder folder, JsonObject json) {
    var plans = new ArrayList<Plan>();
    for (Object item : json.required("plans", JsonObject::list)) {
      if (!(item instanceof JsonObject plan)) {
        throw json.wrong("plans", "a list of objects", item);
      }
      plans.add(
          new Plan(
              plan.required("from", JsonObject::whole),
              plan.required("steps", JsonObject::whole),
              StepCost.of(plan)));
    }
    return new PlanRecord(
        folder,
        json.required("width", JsonObject::integer),
        json.required("timed_steps", JsonObject::integer),
        json.required("guessed_steps", JsonObject::whole),
        plans);
  }

  /// D of the model.
  int width() {
    return width;
  }

  /// How many steps are timed before the first plan; 0 where the number of steps was asked for.
  int timed() {
    return timed;
  }

  /// Steps as guessed from the minutes alone: the warm-up and the times of evaluation follow from it.
  long guess() {
    return guess;
  }

  List<Plan> plans() {
    return List.copyOf(plans);
  }

  Optional<Plan> last() {
    return plans.isEmpty() ? Optional.empty() : Optional.of(plans.getLast());
  }

  /// Whether no plan is written yet that begins at this step or later: such ones are followed, not made again.
  boolean open(long step) {
    return last().isEmpty() || last().get().from() < step;
  }

  /// Steps in all by the plan in force at a step.
  OptionalLong steps(long step) {
    return plans.stream()
        .filter(plan -> plan.from() <= step)
        .mapToLong(Plan::steps)
        .reduce((a, b) -> b);
  }

  void add(Plan plan) {
    plans.add(plan);
    write();
  }

  private void write() {
    var list = new ArrayList<Object>();
    for (Plan plan : plans) {
      var entry = new LinkedHashMap<String, Object>();
      entry.put("from", plan.from());
      entry.put("steps", plan.steps());
      plan.cost().put(entry);
      list.add(entry);
    }
    var json = new LinkedHashMap<String, Object>();
    json.put("width", width);
    json.put("timed_steps", timed);
    json.put("guessed_steps", guess);
    json.put("plans", list);
    folder.write(FILE, json);
  }
}
