import NeuralNet
import Optimizers
import Transforms

/// Everything that the trained parameters depend on besides the data and the initial weights.
///
/// The number of workers is not among it: with the reproducible reduction and the orders `global` and `none`, parameters and history
/// are the same bits on any number of ranks and threads.
public struct TrainingConfiguration: Codable, Equatable, Sendable {
  /// The order in which an epoch visits the training rows.
  public enum Shuffle: String, Codable, CaseIterable, Sendable {
    /// A permutation of all rows, a new one each epoch, seeded by (seed, epoch).
    case global
    /// Each worker keeps to its own shard and permutes that: for data larger than memory. Results then depend on the
    /// number of workers.
    case shard
    /// The file's order.
    case none
  }

  /// How the workers' gradients are summed.
  public enum AllReduce: String, Codable, CaseIterable, Sendable {
    /// Along a fixed tree over the micro-batches of the batch: the same bits on any number of workers.
    case reproducible
    /// By the communicator's all-reduce, in an order of its own: for comparison, without that promise.
    case mpi
  }

  /// How the learning rate falls.
  public enum Schedule: String, Codable, CaseIterable, Sendable {
    /// Not at all.
    case constant
    /// To 0 over the run, along half a cosine.
    case cosine
    /// By a factor every n epochs.
    case step
    /// By a factor when the monitored value has stopped improving, as Keras' `ReduceLROnPlateau`.
    case plateau
  }

  /// Which epoch's weights are the result.
  public enum Keep: String, Codable, CaseIterable, Sendable {
    /// The one with the best monitored value.
    case best
    /// The last: the validation rows have no say.
    case last
  }

  /// The network; nil for that of `Architecture.signLanguageMNIST` with the rates of dropout below.
  public var network: Architecture?
  /// The maximum number of epochs.
  public var epochs = 20
  /// The samples of a global batch, over all workers.
  public var batchSize = 32
  /// The optimizer; `use(_:)` chooses another.
  public internal(set) var optimizer = OptimizerKind.adam
  /// The learning rate, the highest of the run.
  public var learningRate = 0.001
  /// How the learning rate falls.
  public var schedule = Schedule.constant
  /// The epochs in which the learning rate rises to its highest.
  public var warmupEpochs = 0.0
  /// With the schedule `step`: the epochs between two decays.
  public var stepEpochs = 10
  /// With the schedule `step`: the factor of each decay.
  public var stepFactor = 0.1
  /// With the schedule `plateau`: the factor of a reduction.
  public var plateauFactor = 0.1
  /// With the schedule `plateau`: the epochs without improvement after which the rate is reduced.
  public var plateauPatience = 10
  /// With the schedule `plateau`: by how much the monitored value must at least improve.
  public var plateauMinDelta = 1e-4
  /// With the schedule `plateau`: the epochs after a reduction in which none are counted.
  public var plateauCooldown = 0
  /// With the schedule `plateau`: the lowest rate.
  public var plateauMinRate = 0.0
  /// The optimizer's decoupled weight decay; 0 for none.
  public var weightDecay = 0.0
  /// The momentum of SGD and RMSprop; nil for other optimizers, as in what follows.
  public var momentum: Double?
  /// Whether SGD's momentum is Nesterov's.
  public var nesterov: Bool?
  /// RMSprop's decay rate of its means.
  public var rho: Double?
  /// Whether RMSprop subtracts the square of the gradient's mean.
  public var centered: Bool?
  /// The first decay rate of Adam, LAMB and Lion.
  public var beta1: Double? = 0.9
  /// The second decay rate of Adam, LAMB and Lion.
  public var beta2: Double? = 0.999
  /// ε of Adam, LAMB and RMSprop.
  public var epsilon: Double? = 1e-7
  /// The limit of the global gradient norm (Keras' `global_clipnorm`); 0 for none.
  public var clipNorm = 0.0
  /// The decay of the moving average of the parameters that is evaluated and kept; 0 for the parameters themselves.
  public var ema = 0.0
  /// What early stopping, the best weights and a plateau go by.
  public var monitor = Monitor.validationLoss
  /// By how much the monitored value must improve to count for early stopping and the best weights.
  public var minDelta = 0.0
  /// Epochs without a better monitored value after which training stops; nil for never.
  public var patience: Int? = 5
  /// Which epoch's weights are the result.
  public var keep = Keep.best
  /// The random seed.
  public var seed: UInt64 = 1
  /// The fraction of the training rows, from the end, that is held out for validation; nil validates on the test set.
  public var validationSplit: Double?
  /// The order of the rows.
  public var shuffle = Shuffle.global
  /// The rate of the dropout layers and of the LSTM inputs.
  public var dropout = 0.3
  /// The recurrent dropout rate of the first LSTM layer.
  public var recurrentDropout = 0.2
  /// The label smoothing factor.
  public var labelSmoothing = 0.0
  /// How much the classes count in the loss; nil for alike.
  public var classWeight: ClassWeight?
  /// Whether each image is standardized to mean 0 and standard deviation 1; otherwise pixels are divided by 255.
  public var standardize = false
  /// The ranges of augmentation; nil for none.
  public var augment: AugmentationRanges?
  /// How the workers' gradients are summed.
  public var allReduce = AllReduce.reproducible
  /// The steps of an epoch; nil for as many as the rows give. Fewer steps continue, in the next epoch, where this one
  /// stopped, as Keras does.
  public var stepsPerEpoch: Int?

  /// The original program's configuration.
  public init() {}
}
