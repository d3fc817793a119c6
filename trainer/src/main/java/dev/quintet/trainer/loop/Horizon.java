package dev.quintet.trainer.loop;

/// How many steps a run has in all, asked before each step: a run may be planned anew while it goes.
///
/// A resumed run asks again, and is to hear for each step what was said when it was done first; who decides by the
/// clock therefore writes the decision down before giving it.
@FunctionalInterface
public interface Horizon {

  /// Steps in all, as they are planned now.
  ///
  /// @param step steps done
  /// @param planned steps of the [TrainingPlan]
  /// @return at least `step`; the run ends when they are equal
  long steps(long step, long planned);
}
