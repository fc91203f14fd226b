// One parameter's step of every optimizer but Adam: gradient (the mean), parameter and state.
extension ReferenceKernels {
  /// Gradient descent.
  public static func gradientDescentStep(rate: Float, gradient g: Float, parameter: inout Float) {
    parameter -= g * rate
  }

  /// Gradient descent with momentum.
  public static func momentumStep(
    rate: Float, momentum: Float, isNesterov: Bool, gradient g: Float, parameter: inout Float, velocity m: inout Float
  ) {
    m = m * momentum - g * rate
    parameter += isNesterov ? m * momentum - g * rate : m
  }

  /// RMSprop.
  public static func rmspropStep(
    rate: Float, rho: Float, oneMinusRho: Float, momentum: Float, epsilon: Float, gradient g: Float,
    parameter: inout Float, velocity v: inout Float, average a: inout Float, update u: inout Float, isCentered: Bool
  ) {
    v = v * rho + g * g * oneMinusRho
    a = a * rho + g * oneMinusRho
    let variance = isCentered ? v - a * a : v
    u = rate * g / ((variance < 0 ? 0 : variance) + epsilon).squareRoot() + u * momentum
    parameter -= u
  }

  /// Lion.
  public static func lionStep(
    rate: Float, beta1: Float, beta2: Float, gradient g: Float, parameter: inout Float, momentum m: inout Float
  ) {
    let direction = m * beta1 + g * (1 - beta1)
    parameter -= direction > 0 ? rate : direction < 0 ? -rate : direction
    m = m * beta2 + g * (1 - beta2)
  }

  /// The first half of LAMB: both moments and the update.
  public static func lambUpdate(
    oneMinusBeta1: Float, oneMinusBeta2: Float, correction1: Float, correction2: Float, epsilon: Float,
    gradient g: Float, moment1 m: inout Float, moment2 v: inout Float
  ) -> Float {
    m = m.addingProduct(g - m, oneMinusBeta1)
    v = v.addingProduct(g * g - v, oneMinusBeta2)
    return m / correction1 / ((v / correction2).squareRoot() + epsilon)
  }
}
