import Datasets

/// What a request wishes of its answer, by its query.
package struct PredictionOptions: Hashable, Sendable {
  /// How many classes are listed apart, the most probable first; nil for none.
  package var top: Int?
  /// What is done with pictures of another shape; nil for what the model's training did.
  package var fit: ImageFitting.Fit?

  /// Everything, as in training.
  package init() {}

  /// The options of a query: `top=3`, `fit=pad`.
  package init(_ query: [HTTPRequest.Field]) throws(RequestFault) {
    for parameter in query {
      switch parameter.name {
      case "top":
        guard let top = Int(parameter.value), top > 0 else {
          throw RequestFault(.badRequest, "the query's top is no whole number from 1")
        }
        self.top = top
      case "fit":
        guard let fit = ImageFitting.Fit(rawValue: parameter.value) else {
          let known = ImageFitting.Fit.allCases.map(\.rawValue).joined(separator: ", ")
          throw RequestFault(.badRequest, "the query's fit is none of \(known)")
        }
        self.fit = fit
      default:
        throw RequestFault(.badRequest, "the query has a parameter that is not known; there are top and fit")
      }
    }
  }
}
