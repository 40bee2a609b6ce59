CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE
);

CREATE TABLE sessions (
  token text PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers
);

CREATE TABLE carts (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'ordered')),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cart_lines (
  cart_id integer NOT NULL REFERENCES carts,
  sku text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (cart_id, sku)
);

CREATE TABLE orders (
  id uuid PRIMARY KEY,
  cart_id integer NOT NULL REFERENCES carts,
  customer_id integer NOT NULL REFERENCES customers,
  email text NOT NULL,
  payment_token text NOT NULL,
  card_last4 text NOT NULL,
  quote_token text NOT NULL,
  total integer NOT NULL,
  placed_at timestamptz NOT NULL
);

CREATE TABLE order_lines (
  order_id uuid NOT NULL REFERENCES orders,
  sku text NOT NULL,
  quantity integer NOT NULL,
  price integer NOT NULL,
  PRIMARY KEY (order_id, sku)
);
