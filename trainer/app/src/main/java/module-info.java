/// The command line and the demo.
module dev.quintet.app {
  requires static transitive org.jspecify;
  requires transitive dev.quintet.trainer;
  // For the trainer's searches, which find it at run time alone.
  requires commons.math3;
  requires info.picocli;
  requires java.desktop;
  requires java.management;
  requires jdk.httpserver;
  requires jdk.compiler;
  requires me.tongfei.progressbar;
  requires xchart;

  exports dev.quintet.app.augment;
  exports dev.quintet.app.chart;
  exports dev.quintet.app.cli;
  exports dev.quintet.app.demo;
  exports dev.quintet.app.estimate;
  exports dev.quintet.app.measure;
  exports dev.quintet.app.report;
  exports dev.quintet.app.tuning;
  exports dev.quintet.app.vocabulary;
  exports dev.quintet.app.watch;

  opens dev.quintet.app.cli to
      info.picocli;
}
