import NeuralNet

/// The network for Sign Language MNIST, on which most tests here train.
let standard = Architecture.signLanguageMNIST()
