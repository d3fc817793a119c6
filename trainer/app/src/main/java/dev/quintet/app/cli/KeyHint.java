package dev.quintet.app.cli;

import dev.quintet.core.nn.NearNames;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What somebody may have meant by a key that does not exist: by its meaning elsewhere, or by its spelling.
final class KeyHint {
  /// Our key, and what it is called by others; a word may mean several keys.
  private static final Map<String, List<String>> CALLED = called();

  private KeyHint() {}

  /// The end of a message: which key is meant, or nothing where none is near.
  static String of(String key, List<String> known) {
    String plain = key.toLowerCase(Locale.ROOT).replace('-', '_');
    List<String> meant =
        known.contains(plain)
            ? List.of(plain)
            : CALLED.getOrDefault(plain, List.of()).stream().filter(known::contains).toList();
    List<String> near = meant.isEmpty() ? NearNames.close(plain, known) : meant;
    return near.isEmpty() ? "" : "; did you mean \"" + String.join("\" or \"", near) + "\"?";
  }

  private static Map<String, List<String>> called() {
    var words = new HashMap<String, List<String>>();
    add(words, "lr rate learningrate peak_lr", "learning_rate");
    add(words, "epoch num_epochs n_epochs num_train_epochs", "epochs");
    add(words, "step num_steps max_steps n_steps train_steps iterations", "steps");
    add(
        words,
        "bs batch batchsize batches per_device_train_batch_size train_batch_size",
        "batch_size");
    add(
        words,
        "gradient_accumulation gradient_accumulation_steps grad_accum accumulate",
        "accumulation");
    add(words, "max_length max_len max_seq_length max_tokens length", "max_source", "max_target");
    add(
        words,
        "max_source_length source_length max_input_length max_input source_max",
        "max_source");
    add(
        words,
        "max_target_length target_length max_output_length max_output max_new_tokens",
        "max_target");
    add(words, "warmup_steps num_warmup_steps warmup_ratio", "warmup");
    add(words, "wd decay l2", "weight_decay");
    add(words, "max_grad_norm grad_clip gradient_clip gradient_clipping clip_norm", "clip");
    add(words, "scheduler lr_scheduler lr_scheduler_type lr_schedule", "schedule");
    add(words, "optim optimiser", "optimizer");
    add(words, "dropout_rate p_dropout", "dropout");
    add(words, "train_file train_data training data dataset train_path", "train");
    add(
        words,
        "validation_file valid val dev eval eval_file eval_data validate test",
        "validation");
    add(words, "early_stopping_patience early_stopping early_stop", "patience");
    add(words, "early_stopping_threshold threshold", "min_delta");
    add(words, "metric metric_for_best_model best_metric", "select");
    add(words, "metrics eval_metrics", "evaluate");
    add(words, "save_total_limit keep keep_checkpoints", "save_limit");
    add(words, "auto_find_batch_size autobatch", "auto_batch");
    add(words, "init_from warmstart start_from", "warm_start");
    add(words, "output output_dir out_dir outdir save_dir", "out");
    add(words, "save_steps save_interval checkpoint_every", "save_every");
    add(words, "eval_steps eval_every evaluate eval_interval", "evaluate_every");
    add(words, "model_name model_name_or_path model_path checkpoint pretrained", "model");
    add(words, "tokenizer_name tokenizer_path vocab", "tokenizer");
    add(
        words,
        "source input input_field prompt prompt_field question text_column text_field field",
        "source_field");
    add(
        words,
        "target output_field answer answer_field summary_column label labels",
        "target_field");
    add(words, "random_seed rng", "seed");
    add(words, "mlm_probability corruption_rate mask_ratio density", "noise_density");
    add(words, "mean_noise_span_length mean_span_length span_length", "mean_span");
    add(words, "frozen freeze_layers", "freeze");
    add(words, "thaw", "unfreeze");
    add(words, "lora peft adapters peft_config lora_config delta", "adapter");
    add(words, "task loss", "objective");
    add(words, "hidden_size hidden width model_width dim d", "d_model");
    add(words, "layers num_hidden_layers n_layers depth num_encoder_layers", "num_layers");
    add(words, "decoder_layers", "num_decoder_layers");
    add(words, "heads num_attention_heads n_heads", "num_heads");
    add(words, "intermediate_size ffn ff ffn_dim", "d_ff");
    add(words, "head_dim head_width key_size", "d_kv");
    return Map.copyOf(words);
  }

  private static void add(Map<String, List<String>> words, String called, String... keys) {
    for (String word : called.split(" ")) {
      words.merge(
          word,
          List.of(keys),
          (a, b) -> java.util.stream.Stream.concat(a.stream(), b.stream()).toList());
    }
  }
}
