/// Data, optimizers, schedules, the training loop and the command line.
module dev.quintet.trainer {
  requires static org.jspecify;
  requires transitive dev.quintet.models;
  requires tools.jackson.core;
  requires commons.math3;

  exports dev.quintet.trainer.metric;

  // Only the command line needs these: an embedder carries neither AWT nor javac.
  requires static info.picocli;
  requires static me.tongfei.progressbar;
  requires static xchart;
  requires static java.desktop;
  requires static jdk.compiler;

  exports dev.quintet.trainer.cli;

  opens dev.quintet.trainer.cli to
      info.picocli;
}
