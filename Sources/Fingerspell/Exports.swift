// One import for programs that train: everything below is what they name.
@_exported import Communication
@_exported import Datasets
@_exported import ImageFiles
@_exported import ModelFiles
@_exported import NeuralNet
@_exported import Optimizers
@_exported import Platform
@_exported import Runs
@_exported import Training
@_exported import Transforms
