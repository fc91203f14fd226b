import NeuralNet

/// The layout of the network for Sign Language MNIST, which a file without a description has.
let standardLayout = Architecture.signLanguageMNIST().layout
