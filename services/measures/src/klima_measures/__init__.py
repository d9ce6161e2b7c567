from klima_shared.language import catalogue

catalogue.register(__name__)
