INSERT INTO customers (id, name, email) VALUES
  (1, 'Mina Okafor', 'mina.okafor@example.com'),
  (2, 'Jonas Lindqvist', 'jonas.lindqvist@example.com'),
  (3, 'Priya Raman', 'priya.raman@example.com');

INSERT INTO sessions (token, customer_id) VALUES
  ('ses_Zk3vQ9aTnL4xW7cB', 1),
  ('ses_Hd8mRf2YpX6uJ5eK', 2),
  ('ses_Vw1tGs7NbC9zQ4oM', 3);

-- Forty open carts: 1, 4, 7 … are Mina's, 2, 5, 8 … Jonas's, 3, 6, 9 … Priya's.
INSERT INTO carts (id, customer_id)
SELECT id, (id - 1) % 3 + 1 FROM generate_series(1, 40) AS id;

INSERT INTO cart_lines (cart_id, sku, quantity)
SELECT id, 'mug-blue', id % 4 + 1 FROM carts
UNION ALL
SELECT id, 'tea-assam', 2 FROM carts
UNION ALL
SELECT id, 'kettle-steel', 1 FROM carts WHERE id % 2 = 0;
